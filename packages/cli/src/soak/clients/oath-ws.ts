import { driveOpen } from "./drive-open.js";
import type { SoakDriver } from "../driver.js";

const driver: SoakDriver = driveOpen("oath-ws", undefined);
export default driver;
