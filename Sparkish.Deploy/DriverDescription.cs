namespace Sparkish.Deploy;

/// <summary>The request to run a driver on a worker, in cluster mode.</summary>
/// <param name="JarUrl">The application's file, as a URL that workers can read.</param>
/// <param name="MemoryMiB">The heap limit of the driver.</param>
/// <param name="Cores">The cores that it occupies on its worker.</param>
/// <param name="Supervise">Whether it is started again after a failure, on its worker or on another one.</param>
/// <param name="Command">The command of the driver.</param>
internal sealed record DriverDescription(string JarUrl, int MemoryMiB, int Cores, bool Supervise, DriverCommand Command)
{
    /// <summary>The custom resources that it occupies; null for none.</summary>
    public ResourceRequirement[]? Resources { get; init; }

    /// <summary>The approximate number of characters that a master keeps of it.</summary>
    public long Chars => JarUrl.Length + Command.MainClass.Length + Command.Arguments.Sum(static argument => (long)argument.Length)
        + DeployRules.CharsOf(Command.Environment) + DeployRules.CharsOf(Command.Settings);
}

/// <summary>The command of a driver.</summary>
/// <param name="MainClass">The type whose entry point runs; empty for the one of the application's file.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="Environment">The environment variables of the driver, besides those that its worker passes on.</param>
/// <param name="Settings">The application's settings, <c>spark.*</c>.</param>
internal sealed record DriverCommand(
    string MainClass, string[] Arguments, IReadOnlyDictionary<string, string> Environment, IReadOnlyDictionary<string, string> Settings);
