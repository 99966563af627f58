import type { ViteUserConfig } from "vitest/config";
import base from "../../vitest.config.js";
import { chosenTarget } from "./targets.js";

const { tests, without = [] } = chosenTarget();

const config: ViteUserConfig = {
  ...base,
  test: { ...base.test, include: [...tests], exclude: [...without] },
};
export default config;
