using Sparkish.Tests.Processes;

namespace Sparkish.Tests;

/// <summary>
/// The env that the tests of clusters run on. The other part of this class says which: the built-in one in Sparkish.Tests, and that on Akka.NET in
/// Sparkish.Tests.Akka, which compiles the same tests.
/// </summary>
internal static partial class TestedEnv
{
    /// <summary>Settings that nodes in this process start with.</summary>
    public static SparkConf NewConf() => new SparkConf(loadDefaults: false).SetAll(Settings);

    /// <summary>Starts the command <c>sparkish</c> with the settings of every node.</summary>
    public static TestProcess Start(string command, params IEnumerable<string> arguments) => Start(Settings, command, arguments);

    /// <summary>Starts the command with other settings.</summary>
    public static TestProcess Start(IReadOnlyDictionary<string, string> settings, string command, params IEnumerable<string> arguments)
    {
        var options = settings.SelectMany(setting => new[] { "--conf", $"{setting.Key}={setting.Value}" });
        return TestProcess.Start("dotnet", ["exec", Command, command, .. options, .. arguments]);
    }
}
