using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Logging;

namespace Sparkish.Assemblies;

/// <summary>
/// The assemblies, satellites and native libraries of an application in another process, which are fetched on first use and kept in a
/// <see cref="ContentCache"/>. Blocks its callers. Thread-safe.
/// </summary>
/// <param name="open">Opens a path of the application's env as a stream.</param>
/// <param name="source">The server of the files, for errors: <c>driver 10.0.0.1:4040</c>.</param>
/// <param name="cache">Where they are kept.</param>
/// <param name="loadable">The place from which they are loaded.</param>
/// <param name="log">Logs each fetched file.</param>
internal sealed class ApplicationAssets(Func<string, Stream> open, string source, ContentCache cache, LoadableFiles loadable, ILogger log) : ILoadedAssets
{
    private const int MaxAnswerBytes = 1 << 20;

    private readonly ConcurrentDictionary<string, string?> _natives = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _missing = new(StringComparer.Ordinal);

    public string Source => source;

    public string? FindAssembly(AssemblyName assembly)
    {
        var culture = assembly.CultureName is { Length: > 0 } given ? given : AssemblySource.NeutralCulture;
        var path = AssemblySource.PathOf(assembly.Name!, culture, RuntimeIds.Current);
        var answer = Ask(path, $"Assembly {assembly.Name}");
        if (answer.Status != AssetStatus.Found) return null;
        var file = answer.Files[0];
        var content = cache.Read(file, path, () => log.AssetFetched(file.Name, source, file.Hash));
        return Kept(file.Name, () => loadable.Add(file.Name, content));
    }

    public string? FindNative(string library) => FileNames.IsPlain(library) ? _natives.GetOrAdd(library, FetchNative) : null;

    public string? WhyMissing(string library) => _missing.GetValueOrDefault(library);

    private string? FetchNative(string library)
    {
        var answer = Ask(AssemblySource.PathOfNative(library, RuntimeIds.Current), $"Native library {library}");
        if (answer.Status == AssetStatus.Found) return FetchTogether(answer.Files);
        _missing[library] = answer.Reason;
        return null;
    }

    /// <summary>Puts files side by side, as they expect each other: native libraries load others from beside them. Returns the path of the first.</summary>
    private string FetchTogether(IReadOnlyList<AssetFile> files)
    {
        var place = Kept(files[0].Name, loadable.NewPlace);
        foreach (var file in files)
        {
            cache.Copy(file, AssemblySource.PathOfNative(file.Name, RuntimeIds.Current), Path.Combine(place, file.Name),
                () => log.AssetFetched(file.Name, source, file.Hash));
        }

        return Path.Combine(place, files[0].Name);
    }

    private static string Kept(string name, Func<string> keep)
    {
        try
        {
            return keep();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SparkException($"'{name}' of the application cannot be kept for this process: {error.Message}", error);
        }
    }

    private AssetAnswer Ask(string path, string what)
    {
        AssetAnswer answer;
        try
        {
            answer = AssetAnswer.Parse(Read(path + AssetAnswer.Query));
        }
        catch (Exception error) when (error is IOException or SparkException)
        {
            throw new SparkException($"{what} of the application could not be requested from the {source}: {error.Message}", error);
        }

        return answer.Status == AssetStatus.Refused
            ? throw new SparkException($"{what} of the application is not available from the {source}: {answer.Reason}")
            : answer;
    }

    private byte[] Read(string path)
    {
        using var stream = open(path);
        if (stream.Length > MaxAnswerBytes) throw new IOException(string.Create(CultureInfo.InvariantCulture, $"its answer has {stream.Length} bytes."));
        var answer = new byte[stream.Length];
        stream.ReadExactly(answer);
        return answer;
    }
}
