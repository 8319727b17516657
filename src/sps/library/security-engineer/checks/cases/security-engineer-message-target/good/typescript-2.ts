port.postMessage(data, [buffer]);
await subscribe(data, "*");
