import { driveOpen } from "./drive-open.js";
import type { SoakDriver } from "../driver.js";

const driver: SoakDriver = driveOpen('oath-ws, transport "ws"', "ws");
export default driver;
