using DroneDelivery.Drones;
using DroneDelivery.Packages;
using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;

namespace DroneDelivery.Gateway.Resources;

/// <summary>A delivery with all that belongs to it.</summary>
/// <param name="Delivery">The delivery.</param>
/// <param name="Status">Stage, position and expected times.</param>
/// <param name="Request">Where its request stands.</param>
/// <param name="Package">What is carried; null until it is written.</param>
/// <param name="Drone">What carries it; null while nothing does.</param>
internal sealed record DeliveryOverviewResource(
    DeliveryResource Delivery, DeliveryStatusResource Status, RequestStandingResource Request, PackageResource? Package, CarrierResource? Drone)
{
    public static DeliveryOverviewResource Of(DeliveryRequestSnapshot request, DeliverySnapshot? delivery, DeliveryStatus status, PackageSnapshot? package, DroneSnapshot? drone) => new(
        DeliveryResource.Of(request, delivery),
        DeliveryStatusResource.Of(status),
        new RequestStandingResource(request.Status, request.Reason),
        package is null ? null : PackageResource.Of(package.PackageId, package.Details),

        // Where a drone is that flies for somebody else by now is nobody's business.
        drone?.Mission?.DeliveryId == request.DeliveryId ? new CarrierResource(drone.DroneId, drone.Registration.Model, Location.Of(drone.Position), drone.Battery) : null);
}

/// <summary>Where a request stands.</summary>
/// <param name="Status">Where.</param>
/// <param name="Reason">Why it waits, was refused or cancelled.</param>
internal sealed record RequestStandingResource(RequestStatus Status, string? Reason);

/// <summary>The drone that carries a delivery.</summary>
/// <param name="DroneId">Its id.</param>
/// <param name="Model">Make and model.</param>
/// <param name="Position">Last known position.</param>
/// <param name="Battery">Charge, 0 to 1.</param>
internal sealed record CarrierResource(string DroneId, string Model, Location Position, double Battery);

/// <summary>A link to be made.</summary>
/// <param name="Hours">How long it is good; left out: 24.</param>
internal sealed record ShareBody(int? Hours);

/// <summary>A link by which anybody may follow a delivery.</summary>
/// <param name="Path">Leads to its status.</param>
/// <param name="TrackingPath">Leads to its live tracking.</param>
/// <param name="ExpiresAt">Until when.</param>
internal sealed record ShareResource(string Path, string TrackingPath, DateTimeOffset ExpiresAt);
