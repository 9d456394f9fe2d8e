using System.ComponentModel;
using System.Runtime.InteropServices;

namespace DroneDelivery.Faults;

/// <summary>Signals to a process, at once and without a shell between.</summary>
internal static partial class Signals
{
    private const int Continue = 18;
    private const int Stop = 19;

    /// <summary>As <c>kill -STOP</c>: the process stands still and does not know it.</summary>
    public static void Freeze(int process) => Send(process, Stop);

    /// <summary>As <c>kill -CONT</c>: the process goes on where it stood.</summary>
    public static void Thaw(int process) => Send(process, Continue);

    private static void Send(int process, int signal)
    {
        if (Kill(process, signal) != 0) throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
