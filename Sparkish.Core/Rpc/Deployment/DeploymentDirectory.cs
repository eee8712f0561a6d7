using Microsoft.Extensions.Logging;

namespace Sparkish.Rpc.Deployment;

/// <summary>The directory of fetched assemblies: the configured one, which is kept, or a private temporary one, which is deleted at the end.</summary>
internal sealed class DeploymentDirectory(string? given, ILogger log)
{
    private ScratchDirectory? _temporary;

    /// <summary>The directory, created on first use.</summary>
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
            // Loaded assemblies that are locked stay until the process ends.
            log.DirectoryKept(_temporary.Path, error.Message);
        }
    }
}
