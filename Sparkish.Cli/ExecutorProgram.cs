using Microsoft.Extensions.Logging;
using Sparkish.Deploy;
using Sparkish.Deploy.Worker;
using Sparkish.Executor;

namespace Sparkish.Cli;

/// <summary>The program that a worker starts: one executor, until its driver or its worker stops it.</summary>
internal static class ExecutorProgram
{
    public const string Name = "executor";

    public static async Task<int> RunAsync(string[] args)
    {
        ExecutorArguments arguments;
        try
        {
            arguments = ExecutorSecrets.AddTo(ExecutorCommandLine.Parse(args), Console.In);
        }
        catch (SparkException error)
        {
            CliErrors.Say(error.Message);
            return CliErrors.Usage;
        }

        using var provider = new LineLoggerProvider(TimeProvider.System);
        using var loggers = new LoggerFactory([provider]);
        try
        {
            using var signals = new StopSignals(new SparkConf(loadDefaults: false).SetAll(arguments.Settings).Get(DeployKeys.ShutdownTimeout));
            return await ExecutorNode.RunAsync(arguments, loggers, signals.Token);
        }
        catch (Exception error) when (CliErrors.IsExpected(error))
        {
            return CliErrors.Report(error);
        }
    }
}
