using System.CommandLine;
using System.Globalization;

namespace Sparkish.Cli;

/// <summary><c>sparkish decommission HOST…</c>: lets workers leave the cluster once nothing runs on them.</summary>
internal static class DecommissionCommand
{
    public static Command Create()
    {
        var cluster = new ClusterOptions();
        var hosts = new Argument<string[]>("HOST")
        {
            Description = "Hosts of workers, as 'sparkish worker' got them with --host. All workers of these hosts leave.",
            Arity = ArgumentArity.OneOrMore,
        };
        var command = new Command("decommission", "Gives workers no new work; they exit once nothing runs on them. Needs the cluster's secret.") { hosts };
        command.SetAction((parsed, cancellationToken) => cluster.WithClientAsync(parsed, async client =>
        {
            var names = parsed.GetRequiredValue(hosts);
            var count = await client.DecommissionAsync(names, cancellationToken);
            if (count == 0)
                throw new SparkException($"The cluster has no worker on {string.Join(", ", names)}: 'sparkish status' lists the workers with their hosts.");
            await Console.Out.WriteLineAsync(count == 1
                ? "1 worker takes no new work and exits once nothing runs on it."
                : string.Create(CultureInfo.InvariantCulture, $"{count} workers take no new work and exit once nothing runs on them."));
            return CliErrors.Success;
        }));
        return cluster.AddTo(command);
    }
}
