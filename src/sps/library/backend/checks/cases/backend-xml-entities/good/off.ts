export const order = (text: string) => libxmljs.parseXml(text, { noent: false, nonet: true });
