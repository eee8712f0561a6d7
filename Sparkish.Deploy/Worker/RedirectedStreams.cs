using System.Diagnostics;

namespace Sparkish.Deploy.Worker;

/// <summary>Closes this side of a child's standard streams: disposing a <see cref="Process"/> leaves the streams open that were asked for.</summary>
internal sealed class RedirectedStreams(Process process) : IDisposable
{
    public void Dispose()
    {
        // The streams themselves, since a writer would flush what the process did not take.
        process.StandardInput.BaseStream.Dispose();
        process.StandardOutput.BaseStream.Dispose();
        process.StandardError.BaseStream.Dispose();
    }
}
