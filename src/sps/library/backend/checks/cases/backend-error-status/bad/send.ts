export const pay = (reply: Reply, errors: string[]) => reply.code(200).send({ errors });
