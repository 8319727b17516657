export const client = makeClient(settings.accessKeyId);
