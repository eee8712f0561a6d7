using Sparkish.Rpc;
using Sparkish.Serialization.Messages;
using Sparkish.Tests.Processes;

namespace Sparkish.Tests.Rpc.Deployment;

/// <summary>Envs and node processes between which endpoints may be deployed.</summary>
internal static class DeploymentEnvs
{
    private const string Enabled = "spark.rpc.deploy.enabled";

    private static readonly (string Key, string Value)[] Credentials =
        [("spark.authenticate", "true"), ("spark.authenticate.secret", "a secret of the tests"), ("spark.files.io.retryWait", "10ms")];

    /// <summary>An env that knows the secret, and lets others deploy or not; without message types of its own.</summary>
    public static RpcEnv New(bool enabled = true, bool authenticates = true, bool listens = true, TimeProvider? time = null)
    {
        var conf = new SparkConf(false).Set(Enabled, enabled ? "true" : "false");
        if (authenticates)
        {
            foreach (var (key, value) in Credentials) conf.Set(key, value);
        }

        return Envs.New(new RpcEnvOptions("test", conf, new MessageRegistry()) { Listen = listens, Time = time ?? TimeProvider.System });
    }

    /// <summary>A process that has Sparkish.Core and no application, and lets others deploy.</summary>
    public static async Task<(TestProcess Process, RpcAddress Address)> StartNodeAsync(params string[] settings)
    {
        var process = TestProcess.Start(
            "dotnet", NodeProgram.Arguments([$"{Enabled}=true", $"spark.rpc.deploy.directory={Kept}", .. CredentialArguments, .. settings]));
        var line = await process.WaitForLineAsync(line => line.StartsWith("listens on ", StringComparison.Ordinal), Envs.Patience);
        return (process, RpcAddress.Parse(line["listens on ".Length..]));
    }

    /// <summary>The application's process, which deploys a counter of a name to a node.</summary>
    public static async Task<TestProcess> StartAppAsync(RpcAddress node, string name)
    {
        var process = TestProcess.StartAssembly("Sparkish.Tests.App.dll", [node.ToString(), name, .. CredentialArguments]);
        await process.WaitForLineAsync(line => line.StartsWith("deployed ", StringComparison.Ordinal), Envs.Patience);
        return process;
    }

    // Nodes are killed and could not remove a temporary directory.
    private static string Kept => Path.Combine(TestContext.CurrentContext.WorkDirectory, "deployed");

    private static IEnumerable<string> CredentialArguments => Credentials.Select(pair => $"{pair.Key}={pair.Value}");
}
