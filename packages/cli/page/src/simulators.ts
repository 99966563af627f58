import type { FaultButton, SimulatorInfo } from "../../src/dash/protocol.js";
import { add, byId, show } from "./elements.js";

/** A button of a simulator was pressed. */
export type OnFault = (simulator: number, fault: string) => void;

/** Buttons for every fault of every simulated venue; those to try first stand in front. */
export class Simulators {
  readonly #section = byId("simulators");
  readonly #list = byId("simulators-list");
  readonly #onFault: OnFault;
  #buttons: HTMLButtonElement[] = [];

  constructor(onFault: OnFault) {
    this.#onFault = onFault;
  }

  /** Makes the buttons; those of before are gone. */
  fill(simulators: readonly SimulatorInfo[]): void {
    this.#list.replaceChildren();
    this.#buttons = [];
    show(this.#section, simulators.length > 0);
    for (const { key, name, endpoint, faults } of simulators) {
      const group = add(this.#list, "div", "simulator");
      add(group, "h3", "", `Simulated ${name}, ${endpoint}`);
      this.#add(
        group,
        key,
        faults.filter(({ isFirst }) => isFirst),
      );
      const rest = faults.filter(({ isFirst }) => !isFirst);
      if (rest.length === 0) continue;
      const details = add(group, "details");
      add(details, "summary", "", `${rest.length} more faults`);
      this.#add(details, key, rest);
    }
  }

  /** Whether the buttons may be pressed. */
  enable(isEnabled: boolean): void {
    for (const button of this.#buttons) button.disabled = !isEnabled;
  }

  #add(parent: Element, simulator: number, faults: readonly FaultButton[]): void {
    const list = add(parent, "ul", "faults");
    for (const { id, about } of faults) {
      const button = add(add(list, "li"), "button", "fault");
      button.type = "button";
      add(button, "strong", "", id);
      add(button, "span", "", about);
      button.addEventListener("click", () => this.#onFault(simulator, id));
      this.#buttons.push(button);
    }
  }
}
