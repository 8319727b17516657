const n = (await orderRepository.find({ where })).length;
