console.log('XXXX', order);
