using System.IO.Compression;
using Sparkish.Deploy.Uploads;

namespace Sparkish.Tests.Deploy.Uploads;

internal sealed class DriverPackageTests
{
    private TemporaryDirectory _directory = null!;

    private string Program => Path.Combine(_directory.Path, "source", "app.dll");

    private string Archive => _directory.File("package.zip");

    [SetUp]
    public void MakeApplication()
    {
        _directory = new TemporaryDirectory();
        Directory.CreateDirectory(Path.Combine(_directory.Path, "source", "de"));
        File.WriteAllText(Program, "program");
        File.WriteAllText(Path.Combine(_directory.Path, "source", "de", "app.resources.dll"), "Texte");
    }

    [TearDown]
    public void RemoveDirectory() => _directory.Dispose();

    [Test]
    public void A_package_has_the_whole_build_output_and_the_files_beside_it()
    {
        DriverPackage.Pack(Program, [_directory.Write("data.txt", "data")], Archive, maxBytes: 1000);

        DriverPackage.Unpack(Archive, _directory.File("target"));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(File.ReadAllText(_directory.File("target/app.dll")), Is.EqualTo("program"));
            Assert.That(File.ReadAllText(_directory.File("target/de/app.resources.dll")), Is.EqualTo("Texte"));
            Assert.That(File.ReadAllText(_directory.File("target/data.txt")), Is.EqualTo("data"));
        }
    }

    [Test]
    public void Equal_applications_have_equal_packages()
    {
        DriverPackage.Pack(Program, [], Archive, maxBytes: 1000);
        File.SetLastWriteTimeUtc(Program, DateTime.UnixEpoch.AddYears(30));

        DriverPackage.Pack(Program, [], _directory.File("again.zip"), maxBytes: 1000);

        Assert.That(DriverPackage.HashOf(_directory.File("again.zip")), Is.EqualTo(DriverPackage.HashOf(Archive)));
    }

    [Test]
    public void An_application_that_is_too_large_is_refused_with_the_key() =>
        Assert.That(() => DriverPackage.Pack(Program, [], Archive, maxBytes: 11),
            Throws.TypeOf<SparkException>().With.Message.Contains("12 bytes").And.Message.Contains("spark.deploy.uploads.maxSize"));

    [Test]
    public void A_file_that_does_not_exist_or_has_the_name_of_another_one_is_refused()
    {
        var twin = Directory.CreateDirectory(_directory.File("other")).FullName;
        File.WriteAllText(Path.Combine(twin, "app.dll"), "");

        Assert.That(() => DriverPackage.Pack(Program, ["/nowhere.txt"], Archive, maxBytes: 1000),
            Throws.TypeOf<SparkException>().With.Message.Contains("/nowhere.txt"));
        Assert.That(() => DriverPackage.Pack(Program, [Path.Combine(twin, "app.dll")], Archive, maxBytes: 1000),
            Throws.TypeOf<SparkException>().With.Message.Contains("rename one"));
    }

    [TestCase("../out")]
    [TestCase("/etc/out")]
    [TestCase("a/../../out")]
    [TestCase("C:\\out")]
    [TestCase("a\\b")]
    public void A_path_that_leads_elsewhere_is_not_unpacked(string name)
    {
        WriteArchive(name, "x");

        Assert.That(() => DriverPackage.Unpack(Archive, _directory.File("target")), Throws.TypeOf<SparkException>().With.Message.Contains("leads elsewhere"));
        Assert.That(File.Exists(_directory.File("out")), Is.False);
    }

    [Test]
    public void A_package_that_grows_out_of_proportion_is_not_unpacked()
    {
        WriteArchive("zeros", new string('0', 80 << 20));

        Assert.That(() => DriverPackage.Unpack(Archive, _directory.File("target")), Throws.TypeOf<SparkException>().With.Message.Contains("times its size"));
    }

    [Test]
    public void A_file_that_is_no_archive_is_refused()
    {
        File.WriteAllText(Archive, "no archive");

        Assert.That(() => DriverPackage.Unpack(Archive, _directory.File("target")), Throws.TypeOf<SparkException>().With.Message.Contains("damaged"));
    }

    [Test]
    [Platform("Unix")]
    public void A_link_in_the_place_of_a_file_is_replaced_and_not_followed()
    {
        DriverPackage.Pack(Program, [], Archive, maxBytes: 1000);
        var victim = _directory.Write("victim", "safe");
        Directory.CreateDirectory(_directory.File("target"));
        File.CreateSymbolicLink(_directory.File("target/app.dll"), victim);

        DriverPackage.Unpack(Archive, _directory.File("target"));

        Assert.That(File.ReadAllText(victim), Is.EqualTo("safe"));
    }

    [TestCase("upload:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef/app.dll", true)]
    [TestCase("upload:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef/../app.dll", false)]
    [TestCase("upload:0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef/app.dll", false)]
    [TestCase("upload:0123/app.dll", false)]
    [TestCase("local:/app.dll", false)]
    public void The_URL_of_a_package_has_its_hash_and_a_plain_name(string url, bool isUrl) =>
        Assert.That(PackageUrl.TryParse(url)?.ToString(), Is.EqualTo(isUrl ? url : null));

    private void WriteArchive(string name, string content)
    {
        using var zip = ZipFile.Open(Archive, ZipArchiveMode.Create);
        using var writer = new StreamWriter(zip.CreateEntry(name).Open());
        writer.Write(content);
    }
}
