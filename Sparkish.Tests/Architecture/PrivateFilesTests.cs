using System.Runtime.Versioning;
using System.Text.RegularExpressions;
using Sparkish.Tests.Processes;

namespace Sparkish.Tests.Architecture;

/// <summary>Directories and files are made in one place, which gives them to their user alone.</summary>
internal sealed class PrivateFilesTests
{
    private static readonly string[] Products =
    [
        "Sparkish.Akka", "Sparkish.Akka.Hosting", "Sparkish.Akka.Persistence", "Sparkish.Core", "Sparkish.Scheduler", "Sparkish.Deploy", "Sparkish.Cli",
        "Sparkish.Deploy.Hosting", "Sparkish.Hosting", "Sparkish.Rest",
    ];

    // The results of SaveAsTextFile are the user's own: they have the rights that the user's umask says, as those of other programs have.
    private static readonly string[] Exempt = ["PrivateFiles.cs", "TextFileOutput.cs"];

    private static readonly Regex Making = new(
        @"(?<!PrivateFiles\.)\b(Directory\.CreateDirectory|Directory\.CreateTempSubdirectory|Path\.GetTempFileName|File\.(Create|CreateText|OpenWrite|Copy|AppendAll\w+|WriteAll\w+)\(|new StreamWriter\(|FileMode\.(Create|CreateNew|OpenOrCreate|Append|Truncate)\b)",
        RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(10));

    [Test]
    public void Nothing_is_made_elsewhere()
    {
        var root = RepositoryRoot.Find();

        var found = Products.SelectMany(product => Directory.EnumerateFiles(Path.Combine(root, product), "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin") && !Exempt.Contains(Path.GetFileName(file)))
            .SelectMany(file => File.ReadLines(file).Index().Where(line => Making.IsMatch(line.Item))
                .Select(line => $"{Path.GetRelativePath(root, file)}:{line.Index + 1}: {line.Item.Trim()}"));

        Assert.That(found, Is.Empty, "Make directories and files with PrivateFiles.");
    }

    [Test]
    [Platform(Exclude = "Win")]
    [UnsupportedOSPlatform("windows")]
    public void Directories_and_files_are_their_users_alone()
    {
        using var parent = new TemporaryDirectory();

        PrivateFiles.CreateDirectory(parent.File("a/b"));
        PrivateFiles.WriteAllText(parent.File("a/b/text"), "x");
        using (PrivateFiles.CreateNew(parent.File("a/new")))
        using (PrivateFiles.OpenLock(parent.File("a/lock")))
        {
            // Open for a moment.
        }

        Assert.Multiple(() =>
        {
            foreach (var directory in new[] { "a", "a/b" })
                Assert.That(File.GetUnixFileMode(parent.File(directory)), Is.EqualTo((UnixFileMode)0b111_000_000), directory);
            foreach (var file in new[] { "a/b/text", "a/new", "a/lock" })
                Assert.That(File.GetUnixFileMode(parent.File(file)), Is.EqualTo((UnixFileMode)0b110_000_000), file);
        });
    }

    [Test]
    [Platform("Linux")]
    public async Task Directories_and_files_of_another_user_are_refused_even_by_root()
    {
        using var parent = new TemporaryDirectory();
        var (directory, file) = ("/usr", "/etc/passwd"); // root's, for other users
        if (Environment.IsPrivilegedProcess)
        {
            (directory, file) = (parent.File("theirs"), parent.Write("their file", "x"));
            Directory.CreateDirectory(directory);
            await TestProcess.RunAsync("chown", ["65534", directory, file], TimeSpan.FromMinutes(1));
        }

        Assert.That(() => PrivateFiles.ClaimDirectory(directory), Throws.TypeOf<UnauthorizedAccessException>().With.Message.Contains($"'{directory}' belongs to another user"));
        Assert.That(() => PrivateFiles.Claim(file), Throws.TypeOf<UnauthorizedAccessException>().With.Message.Contains($"'{file}' belongs to another user"));
    }

    [Test]
    [Platform(Exclude = "Win")]
    [UnsupportedOSPlatform("windows")]
    public void A_link_in_the_place_of_a_file_is_not_followed()
    {
        using var parent = new TemporaryDirectory();
        var victim = parent.Write("victim", "precious");
        File.CreateSymbolicLink(parent.File("stdout"), victim);
        File.CreateSymbolicLink(parent.File("new"), parent.File("nowhere"));

        PrivateFiles.WriteAllText(parent.File("stdout"), "x");

        Assert.That(() => PrivateFiles.CreateNew(parent.File("new")), Throws.InstanceOf<IOException>());
        Assert.That((File.ReadAllText(victim), File.Exists(parent.File("nowhere"))), Is.EqualTo(("precious", false)));
    }
}
