console.time("start");
export const write = (own: { console: Out }) => own.console.log("text");
