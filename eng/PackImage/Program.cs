// PackImage PROGRAM RID OUTPUT: an OCI image layout in a tar, the same bytes for the same program.

using Rundlet.PackImage;

if (args is not [var program, var rid, var output])
{
    Console.Error.WriteLine("usage: PackImage PROGRAM RID OUTPUT");
    return 2;
}
byte[] image = HelloImage.Pack(File.ReadAllBytes(program), HelloImage.ArchitectureOf(rid));
// Whole or not at all: an interrupted build leaves no half image behind.
string partial = output + ".partial";
File.WriteAllBytes(partial, image);
File.Move(partial, output, overwrite: true);
return 0;
