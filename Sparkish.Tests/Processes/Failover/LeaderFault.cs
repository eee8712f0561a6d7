using System.Globalization;

namespace Sparkish.Tests.Processes.Failover;

/// <summary>A way in which a leader fails.</summary>
/// <param name="Name">What happens to it.</param>
/// <param name="ExitStatus">The exit status of its process in the end.</param>
/// <param name="BeginAsync">Makes it fail.</param>
/// <param name="EndAsync">Ends the fault.</param>
internal sealed record LeaderFault(
    string Name, int ExitStatus, Func<FailoverCluster.Leader, Task> BeginAsync, Func<FailoverCluster.Leader, Task> EndAsync)
{
    private const int KilledStatus = 137;
    private const int LostLeadership = 1;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public static LeaderFault Killed { get; } =
        new("killed", KilledStatus, static leader => SignalAsync(leader.Process, "-KILL"), static _ => Task.CompletedTask);

    public static LeaderFault Frozen { get; } = new(
        "frozen", LostLeadership, static leader => SignalAsync(leader.Process, "-STOP"), static leader => SignalAsync(leader.Process, "-CONT"));

    public static LeaderFault CutOff { get; } =
        new("cut off", LostLeadership, static leader => leader.Master.UnplugAsync(), static leader => leader.Master.PlugAsync());

    /// <summary>Sends a signal to a process.</summary>
    public static async Task SignalAsync(TestProcess process, string signal) =>
        await TestProcess.RunAsync("kill", [signal, process.Id.ToString(CultureInfo.InvariantCulture)], Patience);
}
