using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;

namespace DroneDelivery;

/// <summary>Calls for which it is no matter who calls.</summary>
internal static class AsAnyone
{
    public static Task<CommandResult> Submit(this IDeliveryRequestGrain request, CommandId command, DeliveryOrder order) =>
        request.Submit(command, order, CallerAccount.Any);

    public static Task<CommandResult> Cancel(this IDeliveryRequestGrain request, CommandId command, string reason) =>
        request.Cancel(command, reason, CallerAccount.Any);

    public static Task<CommandResult> Reschedule(this IDeliveryRequestGrain request, CommandId command, DeliveryChange change) =>
        request.Reschedule(command, change, CallerAccount.Any);

    public static Task<CommandResult> Confirm(this IDeliveryRequestGrain request, CommandId command, DeliveryConfirmation confirmation) =>
        request.Confirm(command, confirmation, CallerAccount.Any);

    public static Task<RememberedCommand> Remember(this IDeliveryRequestGrain request, CommandId command) => request.Remember(command, CallerAccount.Any);

    public static ValueTask<DeliveryRequestSnapshot?> Get(this IDeliveryRequestGrain request) => request.Get(CallerAccount.Any);

    public static ValueTask<DeliverySnapshot?> Get(this IDeliveryGrain delivery) => delivery.Get(CallerAccount.Any);

    public static ValueTask<DeliveryStatus?> GetStatus(this IDeliveryGrain delivery) => delivery.GetStatus(CallerAccount.Any);

    public static ValueTask<IReadOnlyList<TrackingEvent>?> GetHistory(this IDeliveryGrain delivery) => delivery.GetHistory(CallerAccount.Any);

    public static Task<CommandResult> NotifyMe(this IDeliveryGrain delivery, CommandId command, NotificationRequest request) =>
        delivery.NotifyMe(command, request, CallerAccount.Any);

    public static ValueTask<string?> Get(this IConfirmationGrain confirmation) => confirmation.Get(CallerAccount.Any);
}
