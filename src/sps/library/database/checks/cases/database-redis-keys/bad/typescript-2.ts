const keys = await this.client.keys(`user:${id}:*`);
