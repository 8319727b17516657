export const order = (text: string) => libxmljs.parseXmlString(text, { dtdload: true });
