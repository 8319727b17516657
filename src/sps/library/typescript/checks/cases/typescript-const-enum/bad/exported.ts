export const enum Level {
  Low = "low",
  High = "high",
}
