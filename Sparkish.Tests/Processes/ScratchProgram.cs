using System.Runtime.InteropServices;
using Sparkish.Tests.Rpc;

namespace Sparkish.Tests.Processes;

/// <summary>A process with an env and a temporary directory, and nothing that cares for signals. Started by <see cref="DriverEndTests"/>.</summary>
internal static class ScratchProgram
{
    /// <summary>The option of a program that handles SIGHUP itself.</summary>
    public const string Reloads = "reloads";

    public static async Task RunAsync(string parent, string[] how)
    {
        await using var env = Envs.New();
        using var scratch = ScratchDirectory.Create(parent, "scratch-");
        using var reload = how is [Reloads]
            ? PosixSignalRegistration.Create(PosixSignal.SIGHUP, static signal =>
            {
                signal.Cancel = true;
                Console.WriteLine("reloaded");
            })
            : null;
        Console.WriteLine("running");
        await Task.Delay(Timeout.Infinite);
    }
}
