export { client } from "./client";
import client from "./other";
