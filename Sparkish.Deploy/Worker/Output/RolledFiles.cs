using System.Globalization;
using System.IO.Compression;

namespace Sparkish.Deploy.Worker.Output;

/// <summary>The rolled files beside an output file: <c>.1</c> is the newest, then <c>.2</c>, …, each followed by <c>.gz</c> if it is compressed.</summary>
/// <param name="path">The current file.</param>
/// <param name="most">Number of rolled files to keep.</param>
/// <param name="compresses">Whether they are compressed.</param>
internal sealed class RolledFiles(string path, int most, bool compresses)
{
    private const string Compressed = ".gz";

    private static readonly string[] Suffixes = ["", Compressed];

    /// <summary>Makes the current file the newest rolled one, and removes the oldest.</summary>
    /// <exception cref="IOException">A file cannot be renamed; the current one is as it was.</exception>
    public async Task AddAsync()
    {
        if (most == 0)
        {
            File.Delete(path);
            return;
        }

        var last = 1;
        while (last < most && Suffixes.Any(suffix => File.Exists(NameOf(last) + suffix))) last++;
        for (var number = last; number >= 1; number--)
        {
            foreach (var suffix in Suffixes)
            {
                var file = NameOf(number) + suffix;
                if (number == most) File.Delete(file);
                else if (File.Exists(file)) File.Move(file, NameOf(number + 1) + suffix, overwrite: true);
            }
        }

        if (!File.Exists(path)) return;
        File.Move(path, NameOf(1), overwrite: true);
        if (compresses) await TryCompressAsync(NameOf(1)).ConfigureAwait(false);
    }

    // A file that cannot be compressed, mostly since the disk is full, stays as it is.
    private static async Task TryCompressAsync(string file)
    {
        var unfinished = $"{file}{Compressed}.unfinished";
        try
        {
            await CompressAsync(file, unfinished).ConfigureAwait(false);
            File.Move(unfinished, file + Compressed, overwrite: true);
            File.Delete(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            TryDelete(unfinished);
        }
    }

    private static void TryDelete(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The next one replaces it.
        }
    }

    private static async Task CompressAsync(string source, string target)
    {
        var input = new FileStream(source, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        await using var inputClosed = input.ConfigureAwait(false);
        var output = PrivateFiles.Replace(target);
        await using var outputClosed = output.ConfigureAwait(false);
        var gzip = new GZipStream(output, CompressionLevel.Fastest);
        await using var gzipClosed = gzip.ConfigureAwait(false);
        await input.CopyToAsync(gzip).ConfigureAwait(false);
    }

    private string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"{path}.{number}");
}
