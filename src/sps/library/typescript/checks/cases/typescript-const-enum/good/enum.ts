export enum Level { Low = "low", High = "high" }
const enumeration = Level.Low;
