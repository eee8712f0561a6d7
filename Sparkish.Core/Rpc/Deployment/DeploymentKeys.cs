using Sparkish.Configuration;

namespace Sparkish.Rpc.Deployment;

/// <summary>The keys of endpoints that other nodes start here.</summary>
internal static class DeploymentKeys
{
    public static readonly ConfigEntry<bool> Enabled = ConfigEntry.Bool("spark.rpc.deploy.enabled", false,
        "Whether peers that have proved who they are may start endpoints of their own types in this process: they run their code here.");

    public static readonly ConfigEntry<string> Directory = ConfigEntry.Text("spark.rpc.deploy.directory", "",
        "Where the assemblies of endpoints that other nodes start here are kept, by their hashes; a private temporary directory, removed at the end, unless set.");
}
