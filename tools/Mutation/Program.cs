using DroneDelivery.Mutation;

return await MutationCommand.InvokeAsync(args);
