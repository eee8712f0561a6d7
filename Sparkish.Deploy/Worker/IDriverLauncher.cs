#pragma warning disable MA0048 // a launcher and what it starts belong together
namespace Sparkish.Deploy.Worker;

/// <summary>Starts drivers in cluster mode. Disposal stops all running ones and waits for them.</summary>
internal interface IDriverLauncher : IAsyncDisposable
{
    /// <summary>Starts a driver, and starts it again after failures if it is supervised; returns at once.</summary>
    IDriverRun Launch(DriverLaunch launch);
}

/// <summary>A driver that was started.</summary>
internal interface IDriverRun
{
    /// <summary>Completes with its end; fails if it could not be started.</summary>
    Task<DriverEnd> Completion { get; }

    /// <summary>Stops it: by a request, then by force. Returns at once; calling it twice is harmless.</summary>
    void Kill();
}

/// <summary>A worker's request to a launcher.</summary>
/// <param name="Id">The driver.</param>
/// <param name="Description">What to run.</param>
/// <param name="WorkerUrl">The endpoint of the worker, whose end ends the driver.</param>
internal sealed record DriverLaunch(DriverId Id, DriverDescription Description, string WorkerUrl)
{
    /// <summary>The units of custom resources that it may use; null for none.</summary>
    public ResourceInformation[]? Resources { get; init; }
}

/// <summary>The end of a driver.</summary>
/// <param name="State">How it ended.</param>
/// <param name="Message">The reason, for people.</param>
internal sealed record DriverEnd(DriverState State, string? Message);
