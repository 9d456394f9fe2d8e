namespace DroneDelivery;
