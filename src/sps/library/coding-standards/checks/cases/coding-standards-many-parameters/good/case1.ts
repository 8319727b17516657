function send(a: string, b: string, c: string, d: string, e: string, f: string, g: string) {}
