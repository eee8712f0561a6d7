#pragma warning disable MA0048 // a program and its process belong together
namespace Sparkish.Deploy.Worker.Drivers;

/// <summary>The program of a driver, which may be started several times.</summary>
internal interface IDriverProgram
{
    /// <summary>Fetches the files of the program.</summary>
    /// <exception cref="SparkException">A file cannot be fetched.</exception>
    Task PrepareAsync(CancellationToken cancellationToken);

    /// <summary>Starts a process.</summary>
    /// <exception cref="SparkException">The process cannot be started, or a file was changed.</exception>
    Task<IDriverProcess> StartAsync();
}

/// <summary>A process of a driver.</summary>
internal interface IDriverProcess
{
    /// <summary>Completes with its exit status once it has ended, with all processes that it started.</summary>
    Task<int> Exited { get; }

    /// <summary>Asks it to stop.</summary>
    void Terminate();

    /// <summary>Kills it with all processes that it started.</summary>
    void Kill();
}
