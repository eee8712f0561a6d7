using Microsoft.Extensions.Logging;

namespace Sparkish.Rpc.Deployment;

/// <summary>Where fetched assemblies are kept: the directory of the settings, which stays, or a private temporary one, which goes at the end.</summary>
internal sealed class DeploymentDirectory(string? given, ILogger log)
{
    private ScratchDirectory? _temporary;

    /// <summary>The directory; made when it is first asked for.</summary>
    public string Path => given ?? (_temporary ??= ScratchDirectory.Create(System.IO.Path.GetTempPath(), "sparkish-deploy-")).Path;

    /// <summary>Removes it if it is temporary.</summary>
    public void Clean()
    {
        if (_temporary is null) return;
        try
        {
            _temporary.Dispose();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Where loaded assemblies are locked they stay until the process ends.
            log.DirectoryKept(_temporary.Path, error.Message);
        }
    }
}
