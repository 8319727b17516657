export const handle = (res: AxiosResponse) => console.log(JSON.stringify(res.data));
