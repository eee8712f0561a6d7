using System.ComponentModel;
using System.Diagnostics;

namespace Sparkish.Benchmarks.Comparing;

/// <summary>The text of the word count: Debian's package index, unpacked and written six times over into a file that is deleted with this object.</summary>
internal sealed class PackageIndex : IDisposable
{
    private const string Packed = "debian-packages.txt.xz";
    private const int Times = 6;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("sparkish-compare-");

    private PackageIndex() => FilePath = Path.Combine(_directory.FullName, "packages-6.txt");

    public string FilePath { get; }

    /// <summary>Unpacks the index into a temporary directory.</summary>
    /// <exception cref="SparkException">The packed file or the program <c>xz</c> is missing, or it could not unpack the file.</exception>
    public static async Task<PackageIndex> UnpackAsync(string dataDirectory, CancellationToken cancellationToken)
    {
        var packed = Path.Combine(dataDirectory, Packed);
        if (!File.Exists(packed))
            throw new SparkException($"There is no '{packed}', the text of the word count: give --data the directory that holds {Packed}.");

        var index = new PackageIndex();
        try
        {
            await index.WriteAsync(packed, cancellationToken);
            return index;
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private async Task WriteAsync(string packed, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(FilePath, FileMode.CreateNew);
        for (var i = 0; i < Times; i++)
        {
            using var xz = StartXz(packed);
            await xz.StandardOutput.BaseStream.CopyToAsync(file, cancellationToken);
            await xz.WaitForExitAsync(cancellationToken);
            if (xz.ExitCode != 0) throw new SparkException($"xz could not unpack '{packed}' (exit status {xz.ExitCode}): download the file again.");
        }
    }

    private static Process StartXz(string packed)
    {
        try
        {
            return Process.Start(new ProcessStartInfo("xz", ["--decompress", "--stdout", packed]) { UseShellExecute = false, RedirectStandardOutput = true })!;
        }
        catch (Win32Exception e)
        {
            throw new SparkException("The program 'xz' is needed to unpack the text of the word count: install it (Debian's package xz-utils).", e);
        }
    }
}
