frame.contentWindow?.postMessage(data, '*');
