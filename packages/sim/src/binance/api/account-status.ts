import type { Account } from "./account.js";

/**
 * An account as REST `account` and the `account.status` request show it, with the fields that
 * reconciling needs.
 */
export function accountStatus(account: Account, now: number): object {
  const balances = Object.entries(account.balances()).map(([asset, { free, locked }]) => ({
    asset,
    free,
    locked,
  }));
  return {
    makerCommission: 0,
    takerCommission: 0,
    canTrade: true,
    canWithdraw: true,
    canDeposit: true,
    updateTime: now,
    accountType: "SPOT",
    balances,
    permissions: ["SPOT"],
  };
}
