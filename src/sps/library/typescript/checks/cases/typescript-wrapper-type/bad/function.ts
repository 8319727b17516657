const handlers: Function[] = [];
let later: Object | undefined;
