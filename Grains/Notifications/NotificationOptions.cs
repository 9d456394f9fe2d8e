namespace DroneDelivery.Notifications;

/// <summary>To whom and how events leave the system; section <c>Notifications</c>.</summary>
internal sealed class NotificationOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Notifications";

    /// <summary>Whether every event is written to the log: its id, type and delivery, not what it says.</summary>
    public bool Log { get; set; }
}
