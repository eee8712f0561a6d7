using Sparkish.Configuration;

namespace Sparkish.Rpc.Deployment;

/// <summary>The keys of endpoints that other nodes start here.</summary>
internal static class DeploymentKeys
{
    public static readonly ConfigEntry<bool> Enabled = ConfigEntry.Bool("spark.rpc.deploy.enabled", false,
        "Whether authenticated peers may deploy endpoints of their own types to this process, and so run their code in it.");

    public static readonly ConfigEntry<string> Directory = ConfigEntry.Text("spark.rpc.deploy.directory", "",
        "Directory for the assemblies of endpoints that other nodes deploy here, named by their hashes; a private temporary directory unless set, removed at the end.");
}
