import { Transformer } from "kserve-transformer";

/** No hooks: what a start costs by itself. */
export default class Plain extends Transformer {}
