const handlers: Array<(event: Event) => void> = [];
interface StringMap { Function: string }
