export function load(text: string): Settings {
  return JSON.parse(text) as Settings;
}
