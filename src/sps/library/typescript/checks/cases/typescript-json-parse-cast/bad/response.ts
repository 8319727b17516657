const user = (await response.json()) as User;
